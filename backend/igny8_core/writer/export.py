"""Writing tasks as a table for people."""

from typing import Any

from django.db.models import QuerySet

from igny8_core.core.bulk import in_turn
from igny8_core.core.spreadsheet import Cell, Table
from igny8_core.planner.outlines import outline_text
from igny8_core.writer.models import Tasks

_TASK = {
    **{"Title": "title", "Description": "description", "Brief": "brief", "Keywords": "keywords"},
    **{"Cluster": "cluster__name", "Idea": "idea__title", "Content type": "content_type"},
    **{"Content structure": "content_structure", "Tone": "tone", "Words": "word_count"},
    **{"Assignee": "assignee__email", "Status": "status"},
}


def task_table(tasks: QuerySet[Tasks]) -> Table:
    """The tasks with the names of what they are for; without the prompt, which not all may see."""
    fields = [*_TASK.values(), "due_on", "outline"]
    return [*_TASK, "Due on", "Outline"], map(_task_row, in_turn(tasks, fields))


def _task_row(row: dict[str, Any]) -> list[Cell]:
    cells = [row[name] for name in _TASK.values()]
    due = row["due_on"].isoformat() if row["due_on"] else None
    return [*cells, due, outline_text(row["outline"])]
