/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is freed all at once, for a tool whose data live as long as the schema. */
#include "qapi/gen/arena.h"

struct Arena {
    GPtrArray *blocks;
    GPtrArray *arrays;
    GPtrArray *tables;
};

Arena *arena_new(void)
{
    Arena *arena = g_new0(Arena, 1);
    arena->blocks = g_ptr_array_new_with_free_func(g_free);
    arena->arrays = g_ptr_array_new_with_free_func((GDestroyNotify) g_ptr_array_unref);
    arena->tables = g_ptr_array_new_with_free_func((GDestroyNotify) g_hash_table_unref);
    return arena;
}

void arena_free(Arena *arena)
{
    if (!arena)
        return;
    g_ptr_array_unref(arena->tables);
    g_ptr_array_unref(arena->arrays);
    g_ptr_array_unref(arena->blocks);
    g_free(arena);
}

void *arena_alloc(Arena *arena, size_t size)
{
    void *memory = g_malloc0(size);
    g_ptr_array_add(arena->blocks, memory);
    return memory;
}

char *arena_take(Arena *arena, char *text)
{
    g_ptr_array_add(arena->blocks, text);
    return text;
}

char *arena_printf(Arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return arena_take(arena, text);
}

GPtrArray *arena_array(Arena *arena)
{
    GPtrArray *array = g_ptr_array_new();
    g_ptr_array_add(arena->arrays, array);
    return array;
}

GHashTable *arena_table(Arena *arena)
{
    GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);
    g_ptr_array_add(arena->tables, table);
    return table;
}
