"""What buttons carry: one file per capability, a class for each action (`bot/words/action.py` says what one is).
May be imported by: class_import, delivery, handlers, operations, programme, reports, turns.
May import: people, words.
"""
