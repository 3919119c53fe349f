"""The demo: an invented life of a programme, told through the services by `filling`, with `story` and `people`."""
