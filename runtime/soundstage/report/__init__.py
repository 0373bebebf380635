"""The report of a run: one page that shows how it came out, and why."""

from soundstage.report.page import write_report
from soundstage.report.page_template import PageTemplate

__all__ = ["PageTemplate", "write_report"]
