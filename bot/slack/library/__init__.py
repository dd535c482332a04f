"""`/imagine find` and the library's form: pictures that were made, found again."""
