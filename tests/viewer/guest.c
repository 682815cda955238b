/* SPDX-License-Identifier: Apache-2.0 */
/* A guest for testing screens: it sets modes, paints, scrolls and animates as it is told over its
 * first serial port, and reports there which scancodes its keyboard controller gives it.
 *
 * It is a multiboot kernel, so that QEMU starts it in a few milliseconds, and knows the registers
 * of Bochs' VGA, which QEMU's VGA, virtio-vga and qxl-vga have.
 *
 * Commands, one a line, numbers in decimal; each is answered with "ok":
 *   mode W H        32 bits a pixel; "mode 0 0" goes back to text
 *   paint N         fill the screen with pattern N
 *   fill X Y W H C  fill a rectangle with colour C
 *   copy X Y W H TX TY   copy a rectangle to another place
 *   animate         paint the whole screen, ten times a second
 *   scroll          a console that scrolls, thirty lines a second
 *   idle            nothing any more
 *   bridge          from now on, what comes in at one of the second and third serial port goes out
 *                   at the other
 */
#include <stdint.h>

#define MULTIBOOT_MAGIC 0x1badb002u

/* Source: Multiboot specification 0.6.96, section 3.1 */
__attribute__((section(".multiboot"),
               used)) static const uint32_t multiboot[] = { MULTIBOOT_MAGIC, 0, -MULTIBOOT_MAGIC };

/* Source: QEMU hw/display/bochs-vbe.h */
enum { VBE_INDEX = 0x1ce, VBE_DATA = 0x1cf };
enum { VBE_XRES = 1, VBE_YRES, VBE_BPP, VBE_ENABLE, VBE_ON = 0x41 };
enum { COM1 = 0x3f8, COM2 = 0x2f8, COM3 = 0x3e8, KEYBOARD = 0x60, KEYBOARD_STATUS = 0x64 };
enum { PIT_CHANNEL_0 = 0x40, PIT_COMMAND = 0x43, PIT_HZ = 1193182, TICKS_HZ = 30 };
enum { LINE_HEIGHT = 16, GLYPH_WIDTH = 8 };

static volatile uint32_t *screen;
static int bridging;
static uint32_t width, height;
static uint8_t stack[16384] __attribute__((used, aligned(16)));

static void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void out16(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static uint32_t in32(uint16_t port)
{
    uint32_t value;
    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void put_char(char c)
{
    while (!(in8(COM1 + 5) & 0x20))
        ;
    out8(COM1, (uint8_t) c);
}

static void put_text(const char *text)
{
    while (*text)
        put_char(*text++);
}

static void put_hex(uint8_t value)
{
    static const char digits[] = "0123456789abcdef";
    put_char(digits[value >> 4]);
    put_char(digits[value & 15]);
}

/* The first memory region of the first display controller is its picture. */
static uint32_t find_screen(void)
{
    for (uint32_t device = 0; device < 32; device++) {
        uint32_t address = 0x80000000u | device << 11;
        out32(0xcf8, address | 8);
        if (in32(0xcfc) >> 24 != 3)
            continue;
        out32(0xcf8, address | 0x10);
        return in32(0xcfc) & ~15u;
    }
    return 0;
}

static void vbe(uint16_t index, uint16_t value)
{
    out16(VBE_INDEX, index);
    out16(VBE_DATA, value);
}

static void set_mode(uint32_t w, uint32_t h)
{
    width = w;
    height = h;
    vbe(VBE_ENABLE, 0);
    if (w == 0)
        return;
    vbe(VBE_XRES, (uint16_t) w);
    vbe(VBE_YRES, (uint16_t) h);
    vbe(VBE_BPP, 32);
    vbe(VBE_ENABLE, VBE_ON);
    screen = (volatile uint32_t *) find_screen();
}

/* Coloured, and different in every pixel's neighbourhood. */
static void paint(uint32_t n)
{
    for (uint32_t y = 0; y < height; y++) {
        uint32_t row = (y + n * 3) * 0x000103u ^ n << 16;
        volatile uint32_t *out = screen + y * width;
        for (uint32_t x = 0; x < width; x++)
            out[x] = (row + (x + n * 7) * 0x020001u) & 0xffffff;
    }
}

static void fill(const uint32_t *a)
{
    for (uint32_t y = a[1]; y < a[1] + a[3] && y < height; y++)
        for (uint32_t x = a[0]; x < a[0] + a[2] && x < width; x++)
            screen[y * width + x] = a[4];
}

static void copy(const uint32_t *a)
{
    for (uint32_t y = 0; y < a[3]; y++)
        for (uint32_t x = 0; x < a[2]; x++)
            if (a[5] + y < height && a[4] + x < width)
                screen[(a[5] + y) * width + a[4] + x] = screen[(a[1] + y) * width + a[0] + x];
}

/* A line of what looks like text, below a screen that moves up. */
static void scroll(uint32_t n)
{
    for (uint32_t i = 0; i < width * (height - LINE_HEIGHT); i++)
        screen[i] = screen[i + width * LINE_HEIGHT];
    for (uint32_t y = height - LINE_HEIGHT; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            uint32_t glyph = (x / GLYPH_WIDTH * 2654435761u + n * 40503u) >> 16;
            int on = x < (n * 37 % width) && (glyph >> ((y & 3) * 4 + (x & 3))) & 1;
            screen[y * width + x] = on ? 0xc0c0c0 : 0;
        }
    }
}

/* What an interrupt needs to end the sleep of hlt: segments, a table, and handlers that do nothing
 * but say that they were there. */
typedef struct {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed)) Table;

static const uint64_t segments[] = { 0, 0x00cf9a000000ffffull, 0x00cf92000000ffffull };
static uint64_t gates[256];
static volatile uint32_t ticks;
void on_tick(void);
void on_other(void);

__asm__("on_tick: incl ticks\n"
        "on_other: push %eax\n mov $0x20, %al\n out %al, $0x20\n pop %eax\n iret\n");

static uint64_t gate(void (*handler)(void))
{
    uint32_t at = (uint32_t) handler;
    return (uint64_t) (at & 0xffff0000u) << 32 | 0x8e00ull << 32 | 8 << 16 | (at & 0xffff);
}

static void start_interrupts(void)
{
    Table gdt = { sizeof segments - 1, (uint32_t) segments };
    Table idt = { sizeof gates - 1, (uint32_t) gates };
    for (int i = 0; i < 256; i++)
        gates[i] = gate(i == 0x20 ? on_tick : on_other);
    __asm__ volatile("lgdt %0\n ljmp $8, $1f\n 1: mov $16, %%eax\n mov %%eax, %%ds\n"
                     "mov %%eax, %%es\n mov %%eax, %%ss\n lidt %1"
                     :
                     : "m"(gdt), "m"(idt)
                     : "eax");
    /* Timer, keyboard and serial port, from vector 0x20 on. Source: Intel 8259A data sheet */
    static const uint8_t master[] = { 0x11, 0x20, 0x04, 0x01, (uint8_t) ~(1u | 2u | 16u) };
    out8(0x20, master[0]);
    for (unsigned i = 1; i < sizeof master; i++)
        out8(0x21, master[i]);
    out8(0xa1, 0xff);
    out8(PIT_COMMAND, 0x34);
    out8(PIT_CHANNEL_0, (uint8_t) (PIT_HZ / TICKS_HZ));
    out8(PIT_CHANNEL_0, (uint8_t) (PIT_HZ / TICKS_HZ >> 8));
    out8(COM1 + 1, 1);
    out8(COM1 + 4, 8);
}

static int starts_with(const char **text, const char *word)
{
    const char *t = *text;
    while (*word)
        if (*t++ != *word++)
            return 0;
    *text = t;
    return 1;
}

static void read_numbers(const char *text, uint32_t *out)
{
    for (int i = 0; i < 6; i++) {
        out[i] = 0;
        while (*text == ' ')
            text++;
        while (*text >= '0' && *text <= '9')
            out[i] = out[i] * 10 + (uint32_t) (*text++ - '0');
    }
}

/* With queues: the host's side is slow with single bytes. Source: NS16550 data sheet, "FCR" */
static void start_bridge(void)
{
    out8(COM2 + 2, 0xc7);
    out8(COM3 + 2, 0xc7);
    bridging = 1;
}

/* One byte, if there is one. */
static int carry(uint16_t from, uint16_t to)
{
    if (!(in8(from + 5) & 1))
        return 0;
    uint8_t byte = in8(from);
    while (!(in8(to + 5) & 0x20))
        ;
    out8(to, byte);
    return 1;
}

static void carry_all(void)
{
    while (carry(COM2, COM3) | carry(COM3, COM2))
        ;
}

enum { IDLE, ANIMATE, SCROLL };

static int obey(const char *line, int now)
{
    uint32_t a[6];
    int next = IDLE;
    const char *rest = line;
    for (rest = line; *rest && *rest != ' '; rest++)
        ;
    read_numbers(rest, a);
    if (starts_with(&line, "mode"))
        set_mode(a[0], a[1]);
    else if (starts_with(&line, "paint"))
        paint(a[0]);
    else if (starts_with(&line, "fill"))
        fill(a);
    else if (starts_with(&line, "copy"))
        copy(a);
    else if (starts_with(&line, "animate"))
        next = ANIMATE;
    else if (starts_with(&line, "scroll"))
        next = SCROLL;
    else if (starts_with(&line, "bridge"))
        start_bridge();
    else if (!starts_with(&line, "idle"))
        return now;
    put_text("ok\n");
    return next;
}

/* Return: whether a whole line is there */
static int read_serial(char *line, uint32_t size, uint32_t *used)
{
    while (in8(COM1 + 5) & 1) {
        char c = (char) in8(COM1);
        if (c == '\n') {
            line[*used] = 0;
            *used = 0;
            return 1;
        }
        if (*used < size - 1)
            line[(*used)++] = c;
    }
    return 0;
}

static void report_keys(void)
{
    while (in8(KEYBOARD_STATUS) & 1) {
        uint8_t code = in8(KEYBOARD);
        put_text("key ");
        put_hex(code);
        put_char('\n');
    }
}

__attribute__((used)) static void guest_main(void)
{
    char line[80];
    uint32_t used = 0, n = 0, seen = 0;
    int doing = IDLE;
    start_interrupts();
    put_text("ready\n");
    for (;;) {
        if (read_serial(line, sizeof line, &used))
            doing = obey(line, doing);
        report_keys();
        if (seen != ticks) {
            seen = ticks;
            if (doing == SCROLL)
                scroll(n++);
            else if (doing == ANIMATE && seen % 3 == 0)
                paint(n++);
        }
        if (bridging) {
            carry_all();
            continue;
        }
        /* Nothing can come in between looking and sleeping. */
        __asm__ volatile("cli");
        if (seen == ticks && !(in8(COM1 + 5) & 1) && !(in8(KEYBOARD_STATUS) & 1))
            __asm__ volatile("sti\n hlt");
        __asm__ volatile("sti");
    }
}

__asm__(".globl _start\n_start: mov $stack + 16384, %esp\n cld\n call guest_main\n");
