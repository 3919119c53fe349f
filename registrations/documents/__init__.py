"""Papers people take home, made by typst from the templates beside, and the QR codes on papers, pages and mails."""
