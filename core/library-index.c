/* SPDX-License-Identifier: Apache-2.0 */
/* A cache of what `list` shows of each bundle, valid as long as its files have not changed. */
#include "core/library-index.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/paths.h"

/*
 * The file: Header, then for each bundle a Record and its strings, each with its zero byte, padded
 * to 8 bytes. Numbers are of this host: a cache does not travel.
 */
#define INDEX_MAGIC "utmctl index 1\n"
#define STRING_COUNT 5
#define FLAG_PROTECTED 1u
#define FLAG_SUSPENDED 2u

/* A file that was written to this shortly before it was read may be written to again without its
 * time changing, because the kernel's clock for files is coarse. */
#define RACY_NS (50 * G_GINT64_CONSTANT(1000000))

typedef struct {
    char magic[16];
    guint64 length; /* of all that follows the header */
    guint64 checksum;
} Header;

typedef struct {
    BundleStamp stamp;
    gint64 memory_mib;
    guint32 flags;
    guint32 strings_size;
} Record;

struct LibraryIndex {
    char *content;      /* the file; records point into it */
    GHashTable *loaded; /* path -> const Record * */
    GByteArray *next;   /* what the file should hold, without its header */
    guint used;         /* records that were found unchanged */
    guint added;
    gint64 now_ns;
};

/* FNV-1a, a word at a time: records are padded to 8 bytes. */
static guint64 checksum(const char *data, size_t length)
{
    guint64 sum = G_GUINT64_CONSTANT(0xcbf29ce484222325);
    for (size_t i = 0; i + sizeof sum <= length; i += sizeof sum) {
        guint64 word;
        memcpy(&word, data + i, sizeof word);
        sum = (sum ^ word) * G_GUINT64_CONSTANT(0x100000001b3);
        sum ^= sum >> 29;
    }
    return sum;
}

static size_t padded(size_t size)
{
    return (size + 7) & ~(size_t) 7;
}

/* The checksum has vouched for the content; this guards against a file made by another build. */
static bool strings_fit(const char *strings, size_t size)
{
    int zeros = 0;
    for (size_t i = 0; i < size && zeros < STRING_COUNT; i++)
        zeros += strings[i] == '\0';
    return zeros == STRING_COUNT;
}

static void load_records(LibraryIndex *index, const char *at, size_t length)
{
    while (length >= sizeof(Record)) {
        const Record *record = (const void *) at;
        size_t size = sizeof *record + padded(record->strings_size);
        const char *strings = at + sizeof *record;
        if (size > length || !strings_fit(strings, record->strings_size))
            return;
        g_hash_table_insert(index->loaded, (gpointer) strings, (gpointer) record);
        at += size;
        length -= size;
    }
}

LibraryIndex *library_index_load(void)
{
    LibraryIndex *index = g_new0(LibraryIndex, 1);
    index->loaded = g_hash_table_new(g_str_hash, g_str_equal);
    index->next = g_byte_array_new();
    index->now_ns = g_get_real_time() * 1000;
    g_autofree char *path = paths_cache("library-index");
    size_t size;
    if (!g_file_get_contents(path, &index->content, &size, NULL) || size < sizeof(Header))
        return index;
    const Header *header = (const void *) index->content;
    const char *records = index->content + sizeof *header;
    if (memcmp(header->magic, INDEX_MAGIC, sizeof header->magic) == 0 &&
        header->length == size - sizeof *header &&
        header->checksum == checksum(records, header->length))
        load_records(index, records, header->length);
    return index;
}

void library_index_free(LibraryIndex *index)
{
    if (!index)
        return;
    g_hash_table_unref(index->loaded);
    g_byte_array_unref(index->next);
    g_free(index->content);
    g_free(index);
}

static const char *next_string(const char **at)
{
    const char *string = *at;
    *at += strlen(string) + 1;
    return string;
}

LibraryEntry *library_index_get(LibraryIndex *index, const char *path, const BundleStamp *stamp)
{
    const Record *record = g_hash_table_lookup(index->loaded, path);
    if (!record || memcmp(&record->stamp, stamp, sizeof *stamp) != 0)
        return NULL;
    const char *at = (const char *) (record + 1);
    LibraryEntry *entry = g_new0(LibraryEntry, 1);
    entry->path = g_strdup(next_string(&at));
    entry->name = g_strdup(next_string(&at));
    entry->uuid = g_strdup(next_string(&at));
    entry->backend = g_strdup(next_string(&at));
    entry->architecture = g_strdup(next_string(&at));
    entry->memory_mib = record->memory_mib;
    entry->is_protected = record->flags & FLAG_PROTECTED;
    entry->suspended = record->flags & FLAG_SUSPENDED;
    size_t size = sizeof *record + padded(record->strings_size);
    g_byte_array_append(index->next, (const guint8 *) record, (guint) size);
    index->used++;
    return entry;
}

void library_index_add(LibraryIndex *index, const LibraryEntry *entry, const BundleStamp *stamp)
{
    gint64 newest = MAX(stamp->config.mtime_ns, stamp->sidecar.mtime_ns);
    if (entry->problem || newest > index->now_ns - RACY_NS)
        return;
    const char *strings[STRING_COUNT] = { entry->path, entry->name, entry->uuid, entry->backend,
                                          entry->architecture };
    Record record = { .stamp = *stamp, .memory_mib = entry->memory_mib };
    record.flags =
        (entry->is_protected ? FLAG_PROTECTED : 0) | (entry->suspended ? FLAG_SUSPENDED : 0);
    for (int i = 0; i < STRING_COUNT; i++)
        record.strings_size += (guint32) strlen(strings[i]) + 1;
    g_byte_array_append(index->next, (const guint8 *) &record, sizeof record);
    for (int i = 0; i < STRING_COUNT; i++)
        g_byte_array_append(index->next, (const guint8 *) strings[i],
                            (guint) strlen(strings[i]) + 1);
    static const guint8 zeros[8];
    g_byte_array_append(index->next, zeros,
                        (guint) (padded(record.strings_size) - record.strings_size));
    index->added++;
}

void library_index_save(LibraryIndex *index)
{
    if (index->added == 0 && index->used == g_hash_table_size(index->loaded))
        return;
    Header header = { .length = index->next->len };
    memcpy(header.magic, INDEX_MAGIC, sizeof header.magic);
    header.checksum = checksum((const char *) index->next->data, index->next->len);
    g_autoptr(GByteArray) content = g_byte_array_new();
    g_byte_array_append(content, (const guint8 *) &header, sizeof header);
    g_byte_array_append(content, index->next->data, index->next->len);
    g_autofree char *folder = paths_cache(NULL);
    g_autofree char *path = paths_cache("library-index");
    g_autoptr(GError) error = NULL;
    if (!paths_make_private(folder, &error) ||
        !g_file_set_contents_full(path, (const char *) content->data, content->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
        g_debug("library index not saved: %s", error->message);
}
