"""Numbers as pictures and workbooks: of a site, of quiz questions, of how hard lessons are to read; one person's data.
May be imported by: handlers.
May import: actions, catalogue, delivery, documents, people, programme, words.
"""
