"""Classes from a table: a .csv or .xlsx on the command line or sent into the chat.
May be imported by: handlers.
May import: actions, catalogue, delivery, documents, people, programme, telegram, words.
"""
