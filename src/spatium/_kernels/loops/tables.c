/* The tables that are read by rows, for the loops of every instruction set. */
#define SP_DEFINES_TABLES
#include "arithmetic/coefficients.h"
#include "fn/gelu.tables.h"
#include "fn/log_cosh.tables.h"
#include "fn/phish.tables.h"
#include "fn/sine.tables.h"
#include "fn/tanh.tables.h"
