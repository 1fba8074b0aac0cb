"""Speech as data, and how it becomes words: keys and languages, and the rules of writing.
May be imported by: actions, catalogue, class_import, delivery, handlers, operations, people, programme, reports, turns.
May import: documents.
"""
