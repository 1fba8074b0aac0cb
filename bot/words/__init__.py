"""Speech as data, and how it becomes words: keys and languages, writing rules, Indonesian dates and hours.
May be imported by: every package but telegram and documents.
May import: documents, telegram.
"""
