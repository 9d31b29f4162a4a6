"""The History page: every conversation, found again, opened, compared, sent again."""
