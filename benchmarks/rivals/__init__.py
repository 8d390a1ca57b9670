"""The same topic through other stream processors for Python. They run in a virtual environment of their own."""
