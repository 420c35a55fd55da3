"""When memory is looked at again, and what is believed between two exact looks."""

import os

import numpy as np
import pytest

from lepton_automl.work.gauge import Gauge
from lepton_automl.work.memory import pss_mb, trees


@pytest.mark.parametrize(
    ("used", "seconds"), [(0, 0.25), (3900, 0.0478515625), (4090, 0.02), (5000, 0.02)], ids=["far", "near", "nearer", "above"]
)
def test_the_next_look_comes_before_the_fastest_process_could_be_at_the_limit(used, seconds):
    assert Gauge(4096.0).wait(used) == pytest.approx(seconds)


def test_growth_between_two_exact_looks_is_seen_and_above_the_limit_measured_exactly():
    me = os.getpid()
    gauge = Gauge(pss_mb(me) + 100)
    before = gauge.look([me], now=0.0)[me]

    held = np.ones(2**25)  # 256 MB
    after = gauge.look([me], now=0.1)[me]

    assert after - before == pytest.approx(256, abs=30)
    assert gauge.peak_mb == pytest.approx(after)
    assert len(held) == 2**25


def test_a_process_belongs_to_its_own_tree_and_to_that_of_its_parent():
    me = os.getpid()

    assert trees([me])[me][0] == me
    assert me in trees([os.getppid()])[os.getppid()]
