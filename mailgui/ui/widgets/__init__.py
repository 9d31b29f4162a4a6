"""What the pages are composed of. Every text is shown as plain text, whoever wrote it."""
