/* The networks by hand of the unit tests, for the property tests too (a folder's programs link its own helpers). */
#include "tests/unit/network_fixture.c"
