"""The looks of what is shown in a notebook: colours for light and dark pages, and nothing that reaches beyond its own box."""

from __future__ import annotations

from markupsafe import Markup

LIGHT = (
    "--paper:#ffffff;--panel:#f5f6f8;--ink:#15191f;--soft:#4a5260;--faint:#6b7280;--hair:#e3e6ea;--rule:#c9ced6;"
    "--accent:#1d56c4;--limit:#a1348c;--good:#17683a;--bad:#b3261e;--alarm:#8a4b00;"
)
DARK = (
    "--paper:#12151a;--panel:#1a1e25;--ink:#e8eaee;--soft:#b6bdc9;--faint:#939cab;--hair:#282e38;--rule:#3d4552;"
    "--accent:#82aefc;--limit:#e69ad6;--good:#7fd6a0;--bad:#ff9b93;--alarm:#ffd68a;"
)
SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif'

MARKS = """
.lepton-x svg{display:block;max-width:100%;height:auto;overflow:visible;font-family:var(--sans)}
.lepton-x text{fill:var(--soft);font-size:12px;stroke:none}
.lepton-x .tick{fill:var(--faint);font-size:11.5px}
.lepton-x .grid{stroke:var(--hair)}
.lepton-x .base{stroke:var(--rule)}
.lepton-x .word.limit{fill:var(--limit);font-weight:600}
.lepton-x .word.model{fill:var(--accent);font-weight:600}
.lepton-x .word.strong{font-size:14px}
.lepton-x .line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
.lepton-x .line.model,.lepton-x .line.best{stroke:var(--accent)}
.lepton-x .line.best{stroke-width:1.6;opacity:.75}
.lepton-x .line.thin{stroke:var(--accent);stroke-width:1.2;opacity:.5}
.lepton-x .line.faint,.lepton-x .rule.faint{stroke:var(--faint);stroke-width:1.2;stroke-dasharray:4 4}
.lepton-x .area{fill:var(--accent);opacity:.08}
.lepton-x .cloud{stroke:var(--accent);stroke-width:4.4;stroke-linecap:round;stroke-opacity:.38;fill:none}
.lepton-x .dot.model{fill:var(--accent);stroke:var(--paper);stroke-width:1.2}
.lepton-x .dot.hollow{fill:var(--paper);stroke:var(--accent);stroke-opacity:.6;stroke-width:1.3}
.lepton-x .dot.ringed{stroke:var(--limit);stroke-width:2.4}
.lepton-x .dot.hover{fill:transparent}
.lepton-x .dot.hover:hover{fill:var(--accent)}
.lepton-x .rule.limit,.lepton-x line.limit{stroke:var(--limit);stroke-width:1.6}
.lepton-x .track{stroke:var(--rule);stroke-width:1.5}
.lepton-x .range{fill:var(--accent);opacity:.28}
.lepton-x .point{fill:var(--accent);stroke:var(--paper);stroke-width:2}
.lepton-x .against{stroke:var(--ink);stroke-width:2}
.lepton-x rect.model,.lepton-x rect.cell{fill:var(--accent)}
.lepton-x rect.muted{fill:var(--faint);opacity:.6}
.lepton-x text.count{fill:var(--ink)}
.lepton-x text.count.deep{fill:var(--paper);font-weight:600}
"""
"""The marks of figures, as in the report's page."""

CARD = """
.lepton-x{background:var(--paper);color:var(--ink);font:400 14px/1.5 var(--sans);text-align:left}
.lepton-x.card{border:1px solid var(--hair);border-radius:8px;padding:14px 18px;max-width:60rem;overflow-wrap:anywhere}
.lepton-x h4{font:600 16px/1.3 var(--sans);margin:0 0 2px;color:var(--ink)}
.lepton-x h5{font:600 13px/1.3 var(--sans);margin:12px 0 2px;color:var(--ink)}
.lepton-x p{margin:0 0 6px;color:var(--soft)}
.lepton-x .value{font-size:30px;font-weight:600;letter-spacing:-.02em;color:var(--ink)}
.lepton-x .faint{color:var(--faint)}
.lepton-x .good{color:var(--good);font-weight:600}
.lepton-x .bad{color:var(--bad);font-weight:600}
.lepton-x .alarm{color:var(--alarm);font-weight:600}
.lepton-x table{border-collapse:collapse;margin:8px 0;font-size:13px;background:none;border:0}
.lepton-x th,.lepton-x td{padding:3px 14px 3px 0;border:0;border-bottom:1px solid var(--hair)}
.lepton-x th,.lepton-x td{text-align:left;background:none;color:var(--ink)}
.lepton-x th{color:var(--soft);font-weight:550}
.lepton-x .n{text-align:right;font-variant-numeric:tabular-nums}
.lepton-x summary{cursor:pointer;color:var(--accent)}
.lepton-x .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:14px 28px}
.lepton-x figure{margin:0;max-width:34rem}
.lepton-x figcaption{font-size:12px;color:var(--faint)}
"""


def page_style() -> Markup:
    """Gives the style of a box in a page: light or dark as the reader asks for, or as the notebook around it is."""
    parts = (
        f".lepton-x{{color-scheme:light;{LIGHT}--sans:{SANS}}}",
        f"@media (prefers-color-scheme:dark){{.lepton-x{{color-scheme:dark;{DARK}}}}}",
        f'[data-jp-theme-light="true"] .lepton-x,.vscode-light .lepton-x{{color-scheme:light;{LIGHT}}}',
        f'[data-jp-theme-light="false"] .lepton-x,.vscode-dark .lepton-x{{color-scheme:dark;{DARK}}}',
        CARD,
        MARKS,
    )
    return Markup("".join(parts))  # noqa: S704 - all of it stands in this file


def drawing_style() -> str:
    """Gives the style of a drawing that stands alone in a file."""
    return f".lepton-x{{{LIGHT}--sans:{SANS}}}@media (prefers-color-scheme:dark){{.lepton-x{{{DARK}}}}}{MARKS}"
