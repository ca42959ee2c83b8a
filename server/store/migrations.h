/* The embedded migrations (the C file is made from migrations/ when building). */
#ifndef FG_STORE_MIGRATIONS_H
#define FG_STORE_MIGRATIONS_H

struct fg_migration {
    const char *name; /* "0001_initial" */
    const char *sql;
};

/* Entry i brings the schema from version i to i + 1. */
extern const struct fg_migration fg_migrations[];
extern const int fg_migrations_count;

#endif
