"""One module per resource: the parameters its endpoints take, and the handlers that answer them."""
