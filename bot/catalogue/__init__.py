"""What the programme offers: content/ and locales/ read, checked and read again while serving.
May be imported by: programme, turns, class_import, reports, handlers.
May import: people, words, telegram.
"""
