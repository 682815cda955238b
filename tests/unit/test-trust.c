/* SPDX-License-Identifier: Apache-2.0 */
/* Which QEMU options keep to the machine. */
#include "core/trust.h"

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    static const struct {
        const char *option, *value;
        bool safe;
    } rows[] = {
        { "-append", "root=/dev/vda init=/bin/sh file=/x", true },
        { "-no-reboot", NULL, true },
        { "--no-reboot", NULL, true },
        { "-smp", "8,cores=4,threads=2", true },
        { "-usbdevice", "keyboard", true },
        { "-usbdevice", "disk:/etc/shadow", false },
        { "-device", "virtio-net-pci,netdev=net0", true },
        { "-device", "VGA,romfile=/etc/shadow", false },
        { "-device", "loader,addr=0", false },
        { "-device", "vfio-pci,sysfsdev=x", false },
        { "-device", "driver=usb-host", false },
        { "-device", "{\"driver\":\"VGA\"}", false },
        { "-global", "virtio-net-pci.romfile=x", false },
        { "-fw_cfg", "name=opt/x,string=a b", true },
        { "-fw_cfg", "name=opt/x,file=/etc/shadow", false },
        { "-fw_cfg", "name=opt/x,string={\"a\":1,,\"file=\":2}", true },
        { "-fw_cfg", "name=opt/x,string=a,file=/etc/shadow", false },
        { "-fw_cfg", "name=opt/x,string=a,,,file=/etc/shadow", false },
        { "-fw_cfg", "file=/etc/shadow,string=a", false },
        { "-machine", "q35,firmware=/x", false },
        { "-machine", "vmport=on,acpi=off", true },
        { "-boot", "order=a", true },
        { "-boot", "splash=/x", false },
        { "-d", "guest_errors", true },
        { "-D", "/x", false },
        { "-drive", "file=x", false },
        { "-hda", "x", false },
        { "-monitor", "stdio", false },
        { "-gdb", "tcp::1234", false },
        { "-s", NULL, false },
        { "-plugin", "/x.so", false },
        { "-netdev", "user,id=a,hostfwd=tcp::1-:1", false },
        { "-chardev", "socket,id=a,host=0.0.0.0,port=1,server=on", false },
        { "-readconfig", "/x", false },
        { "x.img", NULL, false },
        { "-unknown", NULL, false },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s %s", rows[i].option, rows[i].value);
        g_assert_cmpint(trust_argument_is_safe(rows[i].option, rows[i].value), ==, rows[i].safe);
    }
    return 0;
}
