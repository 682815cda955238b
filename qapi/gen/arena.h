/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is freed all at once, for a tool whose data live as long as the schema. */
#pragma once

#include <glib.h>
#include <stddef.h>

typedef struct Arena Arena;

/**
 * arena_new() - An empty arena; free with arena_free()
 */
Arena *arena_new(void);

/**
 * arena_free() - Free the arena and everything that came from it. NULL is ignored
 */
void arena_free(Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_free)

/**
 * arena_alloc() - Zeroed memory
 */
void *arena_alloc(Arena *arena, size_t size);

#define arena_new0(arena, type) ((type *) arena_alloc((arena), sizeof(type)))

/**
 * arena_take() - Let the arena free a string that g_malloc() made
 *
 * Return: @text
 */
char *arena_take(Arena *arena, char *text);

/**
 * arena_printf() - A formatted string
 */
char *arena_printf(Arena *arena, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * arena_array() - An empty array of pointers that it does not own
 */
GPtrArray *arena_array(Arena *arena);

/**
 * arena_table() - An empty table from strings to pointers; it owns neither
 */
GHashTable *arena_table(Arena *arena);
