"""What the programme offers and how it talks: content/ and locales/, read, checked, and read again while serving.
May be imported by: class_import, handlers, operations, programme, reports, turns.
May import: people, telegram, understanding, words.
"""
