"""Numbers as pictures and workbooks: of a site, of quiz questions, of how hard lessons are to read.
May be imported by: app and the command line alone.
May import: catalogue, delivery, documents, people, programme, words.
"""
