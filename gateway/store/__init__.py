"""The store's SQLite file: one module per family of tables, one writer."""
