"""The demo: a bad morning as a page, with cards drawn as Teams draws them."""
