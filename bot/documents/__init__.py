"""Files for people: charts, workbooks, calendar files, links with their QR codes; they decide nothing.
May be imported by: every package but telegram.
May import: telegram.
"""
