/* SPDX-License-Identifier: Apache-2.0 */
/* USB devices in a tree like the kernel's, and the words that mean them. */
#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/error.h"
#include "core/tree.h"
#include "core/usb.h"

static char *sys_root;

static void put(const char *device, const char *name, const char *text)
{
    g_autofree char *folder = g_build_filename(sys_root, "bus", "usb", "devices", device, NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void put_device(const char *port, const char *class, const char *ids, const char *number)
{
    g_auto(GStrv) words = g_strsplit(ids, ":", 2);
    const char bus[] = { port[0], '\n', '\0' };
    put(port, "bDeviceClass", class);
    put(port, "idVendor", words[0]);
    put(port, "idProduct", words[1]);
    put(port, "busnum", bus);
    put(port, "devnum", number);
}

static void link_driver(const char *interface, const char *driver)
{
    put(interface, "bInterfaceClass", "08\n");
    g_autofree char *target = g_strconcat("../../../../bus/usb/drivers/", driver, NULL);
    g_autofree char *link =
        g_build_filename(sys_root, "bus", "usb", "devices", interface, "driver", NULL);
    g_assert_cmpint(symlink(target, link), ==, 0);
}

static void make_tree(void)
{
    sys_root = g_dir_make_tmp("usb-XXXXXX", NULL);
    put_device("usb1", "09\n", "1d6b:0002", "1\n");
    put_device("1-1", "09\n", "05e3:0608", "2\n");
    put_device("1-1.10", "00\n", "046D:c52b", "9\n");
    put("1-1.10", "manufacturer", "Logitech\n");
    put("1-1.10", "product", "USB Receiver\n");
    put_device("1-1.2", "00\n", "0951:1666", "4\n");
    put("1-1.2", "product", "DataTraveler 3.0\n");
    put("1-1.2", "serial", "E0D55EA5\n");
    link_driver("1-1.2:1.0", "usb-storage");
    put_device("2-3", "00\n", "0951:1666", "5\n");
    put("2-3", "product", "DataTraveler 3.0\n");
    put("2-3", "serial", "SECOND\n");
    put_device("2-4", "ff\n", "1a86:7523", "6\n");
    /* What cannot be read whole is no device. */
    put("2-5", "idVendor", "1234\n");
}

static const UsbRoot *root(void)
{
    static UsbRoot fake;
    fake = (UsbRoot){ .sys = sys_root, .dev = "/fake" };
    return &fake;
}

static void test_list(void)
{
    g_autoptr(GPtrArray) list = usb_list(root());
    g_assert_cmpuint(list->len, ==, 4);
    const UsbDevice *stick = list->pdata[0], *receiver = list->pdata[1], *serial = list->pdata[3];
    g_assert_cmpstr(stick->port, ==, "1-1.2");
    g_assert_cmpuint(stick->location, ==, 65536 + 2);
    g_assert_cmpstr(stick->node, ==, "/fake/bus/usb/001/004");
    g_assert_cmpuint(stick->drivers->len, ==, 1);
    g_assert_cmpstr(stick->drivers->pdata[0], ==, "usb-storage");
    g_assert_cmpstr(receiver->port, ==, "1-1.10");
    g_assert_cmpuint(receiver->vendor, ==, 0x046d);
    g_autofree char *title = usb_title(receiver);
    g_assert_cmpstr(title, ==, "Logitech USB Receiver");
    g_autofree char *nameless = usb_title(serial);
    g_assert_cmpstr(nameless, ==, "1A86:7523");
    g_assert_cmpuint(serial->location, ==, 2 * 65536 + 4);
}

static void assert_finds(const GPtrArray *list, const char *word, const char *port)
{
    g_autoptr(GError) error = NULL;
    const UsbDevice *device = usb_find(list, word, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(device->port, ==, port);
}

static void assert_refuses(const GPtrArray *list, const char *word, UtmError code)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(usb_find(list, word, &error));
    g_assert_error(error, UTM_ERROR, code);
}

static void test_words(void)
{
    g_autoptr(GPtrArray) list = usb_list(root());
    assert_finds(list, "046d:C52B", "1-1.10");
    assert_finds(list, "1-1.10", "1-1.10");
    assert_finds(list, "65546", "1-1.10");
    assert_finds(list, "usb receiver", "1-1.10");
    assert_finds(list, "Logitech USB Receiver", "1-1.10");
    assert_finds(list, "1A86:7523", "2-4");
    /* UTM takes the first of several; a serial number says which. */
    assert_finds(list, "0951:1666", "1-1.2");
    assert_finds(list, "0951:1666:SECOND", "2-3");
    assert_refuses(list, "0951:1666:THIRD", UTM_ERROR_NOT_FOUND);
    assert_refuses(list, "DataTraveler 3.0", UTM_ERROR_USAGE);
    assert_refuses(list, "1d6b:0002", UTM_ERROR_NOT_FOUND);
    assert_refuses(list, "", UTM_ERROR_NOT_FOUND);
}

static void test_nothing(void)
{
    const UsbRoot nowhere = { .sys = "/nonexistent", .dev = "/nonexistent" };
    g_autoptr(GPtrArray) list = usb_list(&nowhere);
    g_assert_cmpuint(list->len, ==, 0);
}

static void test_rule(void)
{
    g_autoptr(GPtrArray) list = usb_list(root());
    g_autofree char *rule = usb_udev_rule(list->pdata[1]);
    g_assert_cmpstr(rule, ==,
                    "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"046d\", ATTR{idProduct}==\"c52b\", "
                    "TAG+=\"uaccess\"");
}

static void test_user(void)
{
    g_auto(UsbUser) user = { 0 };
    g_autoptr(GPtrArray) list = usb_list(root());
    g_assert_false(usb_user(list->pdata[0], &user));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    make_tree();
    g_test_add_func("/usb/list", test_list);
    g_test_add_func("/usb/words", test_words);
    g_test_add_func("/usb/nothing", test_nothing);
    g_test_add_func("/usb/rule", test_rule);
    g_test_add_func("/usb/user", test_user);
    int status = g_test_run();
    utm_ignore(tree_remove(sys_root, NULL));
    g_free(sys_root);
    return status;
}
