"""What the programme decides, one file per capability: tables, outcomes, services, `DATA`. No Telegram, no languages.
May be imported by: class_import, handlers, operations, reports.
May import: actions, catalogue, delivery, documents, people, turns, words.
"""
