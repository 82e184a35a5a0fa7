"""What does a listener see? A real browser walks the runbook's smoke tests, and keeps pictures as evidence."""
