"""Files for people: charts, workbooks, calendar files, links with their QR codes. They decide nothing.
May be imported by: class_import, handlers, operations, programme, reports, words.
May import: telegram.
"""
