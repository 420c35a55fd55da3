"""A net as a LightningModule under a Trainer set up for speed. Imports Lightning: import it inside a fit only."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from pytorch_lightning import LightningModule, Trainer

from lepton_automl.models.nets.training import Loop


class Learner(LightningModule):
    """Gives each epoch of a loop to Lightning as one batch: its work for a batch is then paid once an epoch.

    Args:
        loop: The training.
    """

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.loop = loop
        self.weights = torch.nn.ParameterDict(loop.weights)

    def configure_optimizers(self) -> torch.optim.AdamW:
        """Gives the loop's optimiser."""
        return self.loop.optimizer()

    def training_step(self, batch: int, batch_idx: int) -> None:
        """Trains one epoch."""
        self.loop.run_epoch(batch_idx, self.optimizers(use_pl_optimizer=False))  # type: ignore[arg-type]
        if self.loop.is_done:
            self.trainer.should_stop = True


def train(loop: Loop, device: str) -> None:
    """Runs a loop to its end.

    Args:
        loop: The training.
        device: `cpu` or `cuda`.
    """
    with _quiet():
        trainer = Trainer(
            barebones=True,
            max_epochs=1,
            accelerator="gpu" if device == "cuda" else "cpu",
            devices=1,
            use_distributed_sampler=False,
        )
        trainer.fit(Learner(loop), range(loop.most))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Lightning's advice on loggers, workers and devices, none of which are used, from the user."""
    logger = logging.getLogger("pytorch_lightning")
    level = logger.level
    logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.setLevel(level)
