/* Tables that are read by rows: tables.c defines them once, for the loops of every instruction set.  Other tables become
   constants in the loops. */
#ifndef SP_TABLES_H
#define SP_TABLES_H
#include <stdint.h>

#if defined(_WIN32)
#define SP_HIDDEN
#else
#define SP_HIDDEN __attribute__((visibility("hidden")))
#endif
#if defined(SP_DEFINES_TABLES)
#define SP_TABLE(type, name, rows, columns) SP_HIDDEN const type name[rows][columns] __attribute__((aligned(64)))
#else
#define SP_TABLE(type, name, rows, columns) extern SP_HIDDEN const type name[rows][columns]
#endif

#endif
