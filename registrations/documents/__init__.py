"""Papers people take home, made by typst from the templates beside."""
