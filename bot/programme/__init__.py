"""What the programme decides. No Telegram, no languages here: tables, outcomes, decisions, services and `due()`."""
