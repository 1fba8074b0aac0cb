"""`make bench`: how fast the bot is, beside others. About method and results: docs/benchmarks.md."""
