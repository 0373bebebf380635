"""What a batch is shown as: a page, JUnit's file, and what GitHub shows of a job."""

from soundstage.batch_report.batch_page import PAGE, write_batch_page
from soundstage.batch_report.expectation_counts import ExpectationCase, FailedRun, expectation_cases
from soundstage.batch_report.github import job_summary, workflow_commands
from soundstage.batch_report.junit import JUNIT, write_junit

__all__ = [
    "JUNIT",
    "PAGE",
    "ExpectationCase",
    "FailedRun",
    "expectation_cases",
    "job_summary",
    "workflow_commands",
    "write_batch_page",
    "write_junit",
]
