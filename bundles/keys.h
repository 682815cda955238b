/* SPDX-License-Identifier: Apache-2.0 */
/* The key tables: every key of config.plist declared once, for all that reads, writes or explains
 * it. */
#pragma once

#include "bundles/config.h"
#include "bundles/plist.h"
#include "bundles/problem.h"

typedef enum {
    CONFIG_BOOL,    /* bool */
    CONFIG_INT,     /* int64_t */
    CONFIG_ENUM,    /* one of .words, in a C enum */
    CONFIG_STRING,  /* char *, NULL when absent */
    CONFIG_UUID,    /* char *, upper case */
    CONFIG_STRINGS, /* char **, NULL-terminated */
    CONFIG_DATA,    /* GBytes * */
    CONFIG_RECORD,  /* a dictionary: an embedded structure, or a pointer with CONFIG_KEY_POINTER */
    CONFIG_RECORDS, /* an array of dictionaries: GPtrArray * */
} ConfigType;

typedef enum {
    CONFIG_KEY_REQUIRED = 1 << 0, /* UTM refuses a file without it */
    CONFIG_KEY_POINTER = 1 << 1,  /* the record is optional and allocated */
    CONFIG_KEY_FILE = 1 << 2,     /* a file in the bundle: a plain name */
    CONFIG_KEY_PROSE = 1 << 3,    /* text for people or programs: anything may be in it */
    CONFIG_KEY_WORD = 1 << 4,     /* letters, digits, dot, minus, underscore */
    CONFIG_KEY_FIXED = 1 << 5,    /* not for the user to change */
} ConfigKeyFlags;

typedef struct ConfigKey ConfigKey;

/* What the keys of one dictionary are. */
typedef struct ConfigTable {
    const char *title; /* what one such record is, for people */
    size_t size;       /* of the structure; PlistDict *origin is its first member */
    const ConfigKey *keys;
    guint n_keys;
    GDestroyNotify destroy; /* of elements of an array of them; NULL where there is no array */
    /* Whether the record stands in a spelling of before UTM 4.4 in @dict; NULL: there is none. */
    bool (*is_old_spelling)(const PlistDict *dict);
    /* Rules that concern several keys of a decoded record; NULL: none. */
    void (*check)(const void *record, const PlistPlace *place, GPtrArray *problems);
} ConfigTable;

struct ConfigKey {
    const char *name;
    const char *old_name; /* spelling of before UTM 4.4; NULL: the same */
    ConfigType type;
    unsigned flags;    /* ConfigKeyFlags */
    size_t offset;     /* of the value in the structure */
    size_t has_offset; /* of the bool that says whether an optional number is there; 0: none */
    const char *const *words; /* CONFIG_ENUM: by value; CONFIG_STRING: all that is allowed */
    const ConfigTable *table; /* CONFIG_RECORD, CONFIG_RECORDS */
    int64_t base;             /* boolean, number or enum value of a new record */
    const char *base_text;    /* string of a new record; NULL: absent */
    int64_t absent;           /* what an absent optional boolean or number means */
    int64_t (*absent_for)(const void *record); /* the same where it depends on other keys */
    int64_t minimum, maximum;                  /* of a number; both 0: any */
    bool (*written)(const void *record);       /* when UTM writes it; NULL: always, or when set */
    /* Reads a form that older versions wrote; false when @node is none. */
    bool (*read_old)(const PlistDict *dict, const PlistNode *node, int64_t *out_value);
    const char *when;  /* .written in words */
    const char *since; /* UTM release */
    const char *help;
};

/* The whole of a QEMU and of an Apple configuration; both describe a UtmConfig. */
extern const ConfigTable config_table_qemu;
extern const ConfigTable config_table_apple;

/* The records of their arrays, and the optional ones. */
extern const ConfigTable config_table_display;
extern const ConfigTable config_table_drive;
extern const ConfigTable config_table_network;
extern const ConfigTable config_table_port_forward;
extern const ConfigTable config_table_serial;
extern const ConfigTable config_table_sound;
extern const ConfigTable config_table_terminal;

/**
 * config_table() - The table of a configuration, by its backend
 */
const ConfigTable *config_table(const UtmConfig *config);

/**
 * config_key_find() - A key of a table by its name
 *
 * Return: the key, or NULL
 */
const ConfigKey *config_key_find(const ConfigTable *table, const char *name);

/**
 * config_word() - The plist word of an enum value
 * @words: the .words of an enum's key, such as config_words_interface
 */
const char *config_word(const char *const *words, unsigned value);

/**
 * config_word_value() - The enum value of a plist word
 * @words:     as for config_word()
 * @word:      exact spelling
 * @out_value: untouched when the word is unknown
 */
bool config_word_value(const char *const *words, const char *word, unsigned *out_value);

extern const char *const config_words_backend[];
extern const char *const config_words_usb_bus[];
extern const char *const config_words_share_mode[];
extern const char *const config_words_filter[];
extern const char *const config_words_image_type[];
extern const char *const config_words_interface[];
extern const char *const config_words_network_mode[];
extern const char *const config_words_protocol[];
extern const char *const config_words_serial_mode[];
extern const char *const config_words_serial_target[];
extern const char *const config_words_apple_os[];
extern const char *const config_words_apple_keyboard[];
extern const char *const config_words_apple_pointer[];
extern const char *const config_words_apple_network_mode[];
extern const char *const config_words_apple_serial_mode[];

/* The 29 architectures of UTM 5.0, NULL-terminated. */
extern const char *const config_architectures[];
