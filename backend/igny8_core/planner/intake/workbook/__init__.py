"""Excel workbooks (XLSX), their sheets read a row at a time.

Read with expat alone (docs/adr/0015): every limit holds while reading, and memory is that of one
row and of the workbook's own list of texts.
"""

from igny8_core.planner.intake.workbook.book import BOOK, Workbook

__all__ = ["BOOK", "Workbook"]
