/* SPDX-License-Identifier: Apache-2.0 */
/* Property lists: what is read, what is refused and where, and what is written.
 * libplist is the independent witness for binary files. */
#include <glib.h>
#include <glib/gstdio.h>
#include <plist/plist.h>
#include <string.h>
#include <sys/stat.h>

#include "bundles/bundle.h"
#include "bundles/plist.h"
#include "bundles/problem.h"

#define HEAD                                                                                       \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "                                      \
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"                                        \
    "<plist version=\"1.0\">\n"
#define TAIL "</plist>\n"

static PlistNode *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    PlistNode *node = plist_parse(text, strlen(text), NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(node);
    return node;
}

static PlistNode *parse_value(const char *value)
{
    g_autofree char *text = g_strconcat("<plist>", value, "</plist>", NULL);
    return parse(text);
}

static void assert_refused(const char *text, size_t size, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(plist_parse(text, size, NULL, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    if (!strstr(error->message, message))
        g_error("\"%s\" is not in \"%s\"", message, error->message);
}

static void test_integers(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = { { "0", 0 },
                 { "-17", -17 },
                 { "+17", 17 },
                 { "0x1F", 31 },
                 { "-0x10", -16 },
                 { " 42\n", 42 },
                 { "007", 7 },
                 { "9223372036854775807", INT64_MAX },
                 { "-9223372036854775808", INT64_MIN } };
    static const char *const bad[] = { "",
                                       "abc",
                                       "12abc",
                                       "__SIZE__",
                                       "1.5",
                                       "1 2",
                                       "--1",
                                       "+-1",
                                       "0x",
                                       "0xg",
                                       "1e3",
                                       "18446744073709551616",
                                       "-9223372036854775809",
                                       "&#49;a",
                                       "$N" };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *text = g_strdup_printf("<integer>%s</integer>", good[i].text);
        g_autoptr(PlistNode) node = parse_value(text);
        int64_t value;
        g_assert_true(plist_node_integer(node, &value));
        g_assert_cmpint(value, ==, good[i].value);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text =
            g_strdup_printf(HEAD "<dict><key>System</key><dict>\n<key>MemorySize</key>\n"
                                 "<integer>%s</integer></dict></dict>" TAIL,
                            bad[i]);
        assert_refused(text, strlen(text), "line 6: System.MemorySize: ");
        assert_refused(text, strlen(text), "is not an integer");
    }
    g_autoptr(PlistNode) big = parse_value("<integer>18446744073709551615</integer>");
    int64_t value;
    g_assert_false(plist_node_integer(big, &value));
    g_autofree char *xml = plist_node_to_xml(big);
    g_assert_nonnull(strstr(xml, "<integer>18446744073709551615</integer>"));
}

static void test_reals(void)
{
    static const char *const good[] = { "0.0", "2", "-1.5e-3", ".5", "5.", "nan", "+Infinity" };
    static const char *const bad[] = { "", "x", "1.5x", "1e", ".", "0x10", "1,5", "e5", "nano" };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *text = g_strdup_printf("<real>%s</real>", good[i]);
        g_autoptr(PlistNode) node = parse_value(text);
        g_autofree char *xml = plist_node_to_xml(node);
        g_assert_nonnull(strstr(xml, text)); /* as it was written */
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *text = g_strdup_printf("<plist><real>%s</real></plist>", bad[i]);
        assert_refused(text, strlen(text), "is not a number");
    }
    g_autoptr(PlistNode) whole = parse_value("<real>2048.0</real>");
    g_autoptr(PlistNode) part = parse_value("<real>2048.5</real>");
    g_autoptr(PlistNode) huge = parse_value("<real>1e300</real>");
    int64_t value;
    g_assert_true(plist_node_integer(whole, &value));
    g_assert_cmpint(value, ==, 2048);
    g_assert_false(plist_node_integer(part, &value));
    g_assert_false(plist_node_integer(huge, &value));
}

static void test_strings(void)
{
    static const struct {
        const char *text, *value;
    } rows[] = {
        { "<string>a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos;</string>",
          "a & b <c> \"d\" 'e'" },
        { "<string>&#65;&#x42;&#x1F600;</string>", "AB\xf0\x9f\x98\x80" },
        { "<string>x<![CDATA[<&amp;>]]>y</string>", "x<&amp;>y" },
        { "<string/>", "" },
        { "<string></string>", "" },
        { "<string> two\nlines </string>", " two\nlines " },
        { "<string>gr\xc3\xbc\xc3\x9f</string>", "gr\xc3\xbc\xc3\x9f" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(PlistNode) node = parse_value(rows[i].text);
        g_assert_cmpint(node->type, ==, PLIST_TYPE_STRING);
        g_assert_cmpstr(node->text, ==, rows[i].value);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        { "", "file is empty" },
        { "{ a = b; }", "not an XML property list" },
        { "<html></html>", "not a property list" },
        { "<plist>", "ends too early" },
        { "<plist><dict>", "ends too early" },
        { "<plist><dict><key>a</key>", "a: file ends too early" },
        { "<plist><dict><key>a</key></dict></plist>", "a: </dict> where a value is expected" },
        { "<plist><dict><string>a</string></dict></plist>", "where a key is expected" },
        { "<plist><array><string>a</string></dict></plist>", "[1]: </dict>" },
        { "<plist><string>a</plist>", "within <string>" },
        { "<plist><string>a<b/></string></plist>", "within <string>" },
        { "<plist><string>&nbsp;</string></plist>", "unknown entity" },
        { "<plist><string>&#0;</string></plist>", "character reference" },
        { "<plist><string>&#xD800;</string></plist>", "character reference" },
        { "<plist><string>&#99999999999;</string></plist>", "unknown entity" },
        { "<plist><string><![CDATA[x</string></plist>", "CDATA is not closed" },
        { "<plist><frob/></plist>", "unknown element <frob>" },
        { "<plist><true/><true/></plist>", "something follows" },
        { "<plist><true/></plist><x/>", "something follows" },
        { "<plist><true>x</true></plist>", "text within <true>" },
        { "<plist>text</plist>", "text where an element is expected" },
        { "<plist><data>AA*=</data></plist>", "is not base64" },
        { "<plist><data>AAA</data></plist>", "is not base64" },
        { "<plist><data>A=AA</data></plist>", "is not base64" },
        { "<plist><date>yesterday</date></plist>", "is not a date" },
        { "<plist><date>2024-13-01T00:00:00Z</date></plist>", "is not a date" },
        { "<plist><!-- x <true/></plist>", "comment is not closed" },
        { "<!DOCTYPE plist [<!ENTITY a \"b\">]><plist><string>&a;</string></plist>",
          "own declarations" },
        { "<plist><string>\xff\xfe</string></plist>", "not UTF-8" },
        { "<plist><array><array/><dict><key>k</key><array><integer>q</integer></array></dict>"
          "</array></plist>",
          "[1].k[0]: \"q\"" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].text);
        assert_refused(rows[i].text, strlen(rows[i].text), rows[i].message);
    }
    assert_refused("<plist>\0<true/></plist>", 23, "not UTF-8");
}

static char *nested(const char *open, const char *close, int depth)
{
    GString *text = g_string_new("<plist>");
    for (int i = 0; i < depth; i++)
        g_string_append(text, open);
    g_string_append(text, "<true/>");
    for (int i = 0; i < depth; i++)
        g_string_append(text, close);
    g_string_append(text, "</plist>");
    return g_string_free(text, FALSE);
}

static void test_limits(void)
{
    g_autofree char *fine = nested("<array>", "</array>", PLIST_MAX_DEPTH);
    g_autofree char *deep = nested("<dict><key>k</key>", "</dict>", 100000);
    g_autoptr(PlistNode) node = parse(fine);
    assert_refused(deep, strlen(deep), "nested too deep");
    g_autofree char *huge = g_malloc0(PLIST_MAX_BYTES + 1);
    assert_refused(huge, PLIST_MAX_BYTES + 1, "larger than 16 MiB");
    g_autoptr(GString) many = g_string_new("<plist><array>");
    for (int i = 0; i <= PLIST_MAX_NODES; i++)
        g_string_append(many, "<true/>");
    g_string_append(many, "</array></plist>");
    assert_refused(many->str, many->len, "too many values");
}

static void test_cut_short(void)
{
    const char *text = HEAD "<dict><key>a</key><array><integer>1</integer><data>AAEC</data>"
                            "<string>x&amp;y</string></array></dict>" TAIL;
    for (size_t size = 0; size + 1 < strlen(text); size++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PlistNode) node = plist_parse(text, size, NULL, &error);
        g_assert_null(node);
        g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    }
}

static void test_duplicates(void)
{
    g_autoptr(PlistNode) node = parse_value(
        "<dict><key>a</key><integer>1</integer><key>a</key><string>last</string></dict>");
    g_assert_cmpuint(plist_dict_size(node->dict), ==, 1);
    g_assert_cmpstr(plist_dict_get_string(node->dict, "a"), ==, "last");
}

static void test_problems(void)
{
    const char *text = "<plist><dict>\n<key>a</key><integer>x</integer>\n<key>b</key><array>\n"
                       "<real>y</real></array></dict></plist>";
    g_autoptr(GPtrArray) problems = problems_new();
    g_autoptr(PlistNode) node = plist_parse(text, strlen(text), problems, NULL);
    g_assert_nonnull(node);
    g_assert_cmpuint(problems->len, ==, 2);
    const Problem *second = problems->pdata[1];
    g_assert_cmpstr(second->key, ==, "b[0]");
    g_assert_cmpint(second->line, ==, 4);
    g_assert_cmpstr(second->value, ==, "y");
    g_autofree char *shown = problem_text(second);
    g_assert_cmpstr(shown, ==, "b[0] (line 4): \"y\" is not a number");
}

static const char everything[] =
    HEAD "<dict>\n"
         "\t<key>Empty</key>\n"
         "\t<dict/>\n"
         "\t<key>List</key>\n"
         "\t<array>\n"
         "\t\t<string>a &lt; b &amp; \"c\" 'd' &gt;</string>\n"
         "\t\t<string></string>\n"
         "\t\t<array/>\n"
         "\t\t<true/>\n"
         "\t\t<false/>\n"
         "\t\t<integer>-5</integer>\n"
         "\t\t<real>0.0</real>\n"
         "\t\t<real>0.5</real>\n"
         "\t\t<date>2024-02-29T12:34:56Z</date>\n"
         "\t\t<string>gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80</string>\n"
         "\t\t<data>\n"
         "\t\t</data>\n"
         "\t\t<data>\n"
         "\t\tAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKiss\n"
         "\t\t\t\t</data>\n"
         "\t</array>\n"
         "\t<key>Z</key>\n"
         "\t<integer>4294967296</integer>\n"
         "\t<key>a</key>\n"
         "\t<integer>200</integer>\n"
         "</dict>\n" TAIL;

static void test_write(void)
{
    /* The one odd line above only checks that blanks in base64 do not matter. */
    g_autofree char *expected = g_strdup(everything);
    char *odd = strstr(expected, "\t\t\t\t</data>");
    memmove(odd, odd + 2, strlen(odd + 2) + 1);
    g_autoptr(PlistNode) node = parse(everything);
    g_autofree char *xml = plist_node_to_xml(node);
    g_assert_cmpstr(xml, ==, expected);

    uint8_t bytes[60] = { 0 };
    g_autoptr(PlistNode) data = plist_node_new_data(bytes, sizeof bytes);
    g_autofree char *lines = plist_node_to_xml(data);
    g_auto(GStrv) split = g_strsplit(lines, "\n", -1);
    g_assert_cmpuint(strlen(split[4]), ==, 76);
    g_assert_cmpuint(strlen(split[5]), ==, 4);
    g_autoptr(PlistNode) copy = plist_node_copy(node);
    g_assert_true(plist_node_equal(copy, node));
    plist_dict_set_take(copy->dict, "Z", plist_node_new_integer(1));
    g_assert_false(plist_node_equal(copy, node));
}

/* The same tree as libplist writes it in binary. */
static char *as_binary(const char *xml, uint32_t *out_size)
{
    plist_t tree = NULL;
    char *binary = NULL;
    plist_from_xml(xml, (uint32_t) strlen(xml), &tree);
    g_assert_nonnull(tree);
    plist_to_bin(tree, &binary, out_size);
    char *copy = g_memdup2(binary, *out_size);
    plist_to_bin_free(binary);
    plist_free(tree);
    return copy;
}

static void test_binary(void)
{
    uint32_t size;
    g_autofree char *binary = as_binary(everything, &size);
    g_autoptr(GError) error = NULL;
    g_autoptr(PlistNode) node = plist_parse(binary, size, NULL, &error);
    g_assert_no_error(error);
    g_autoptr(PlistNode) expected = parse(everything);
    /* libplist 2.2.0 writes negative integers as unsigned ones of 16 bytes. */
    g_autofree char *a = plist_node_to_xml(node);
    g_autofree char *b = plist_node_to_xml(expected);
    g_assert_cmpstr(a, ==, b);
}

static void test_binary_damaged(void)
{
    uint32_t size;
    g_autofree char *binary = as_binary(everything, &size);
    for (uint32_t cut = 8; cut < size; cut++) {
        g_autoptr(PlistNode) node = plist_parse(binary, cut, NULL, NULL);
        g_assert_null(node);
    }
    for (uint32_t i = 8; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            binary[i] = (char) (binary[i] ^ 1 << bit);
            g_autoptr(PlistNode) node = plist_parse(binary, size, NULL, NULL);
            binary[i] = (char) (binary[i] ^ 1 << bit);
        }
}

/* Arrays of ten references to the next array: a file of 200 bytes, a tree of 10^12. */
static void test_binary_bomb(void)
{
    GByteArray *file = g_byte_array_new();
    guint8 offsets[13];
    g_byte_array_append(file, (const guint8 *) "bplist00", 8);
    for (guint8 i = 0; i < 12; i++) {
        offsets[i] = (guint8) file->len;
        guint8 array[11] = { 0xaa };
        memset(array + 1, i + 1, 10);
        g_byte_array_append(file, array, sizeof array);
    }
    offsets[12] = (guint8) file->len;
    g_byte_array_append(file, (const guint8 *) "\x09", 1);
    guint8 trailer[32] = { [6] = 1, [7] = 1, [15] = 13, [31] = (guint8) file->len };
    g_byte_array_append(file, offsets, sizeof offsets);
    g_byte_array_append(file, trailer, sizeof trailer);
    assert_refused((const char *) file->data, file->len, "too many values");
    file->data[offsets[0] + 1] = 0; /* an array that holds itself */
    assert_refused((const char *) file->data, file->len, "too deep");
    g_byte_array_unref(file);
}

static void test_files(void)
{
    g_autofree char *dir = g_dir_make_tmp("plist-XXXXXX", NULL);
    g_autofree char *fifo = g_build_filename(dir, "fifo", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(plist_parse_file("/nonexistent", NULL, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(plist_parse_file(dir, NULL, &error));
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_null(plist_parse_file(fifo, NULL, &error)); /* and does not wait for a writer */
    g_assert_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID);
    g_unlink(fifo);
    g_rmdir(dir);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plist/integers", test_integers);
    g_test_add_func("/plist/reals", test_reals);
    g_test_add_func("/plist/strings", test_strings);
    g_test_add_func("/plist/refused", test_refused);
    g_test_add_func("/plist/limits", test_limits);
    g_test_add_func("/plist/cut-short", test_cut_short);
    g_test_add_func("/plist/duplicates", test_duplicates);
    g_test_add_func("/plist/problems", test_problems);
    g_test_add_func("/plist/write", test_write);
    g_test_add_func("/plist/binary", test_binary);
    g_test_add_func("/plist/binary-damaged", test_binary_damaged);
    g_test_add_func("/plist/binary-bomb", test_binary_bomb);
    g_test_add_func("/plist/files", test_files);
    return g_test_run();
}
