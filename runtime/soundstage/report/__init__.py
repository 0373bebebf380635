"""The report of a run: one page that shows how it came out, and why."""

from soundstage.report.page import write_report

__all__ = ["write_report"]
