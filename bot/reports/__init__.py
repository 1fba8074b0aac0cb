"""Numbers as pictures and workbooks: of a site, of questions, of how hard lessons are to read.
May be imported by: handlers.
May import: programme, catalogue, delivery, documents, people, words.
"""
