"""The Domain page's tools beside the checks: reports, records and keys, servers compared."""
