/* The private PostGIS of the unit tests, for the property tests too (a folder's programs link its own helpers). */
#include "tests/unit/test_database.c"
