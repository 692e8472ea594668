/*
 * A GPIO chip in user space for tests: stands in for the C library, answers for /dev/gpiochip9 as
 * the kernel does, and remembers how each of its lines was driven.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define LINES 16
#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

static int chip = -1, request = -1, taken, failing;
static uint32_t offsets[LINES], count;
static uint64_t flags, levels;
static uint32_t history[1024], steps;
static char consumer[GPIO_MAX_NAME_SIZE];

static int fail(int code) { errno = code; return -1; }

EXPORT void standin_reset(void) { failing = 0; steps = 0; levels = 0; }
EXPORT void standin_fail(int code) { failing = code; }
/* Voltages of the chip's lines, one bit each. */
EXPORT uint32_t standin_levels(void) { return levels; }
EXPORT uint32_t standin_steps(void) { return steps; }
EXPORT uint32_t standin_step(uint32_t at) { return history[at % 1024]; }
EXPORT int standin_taken(void) { return taken; }

EXPORT int open(const char *name, int mode, ...) {
  va_list list;
  va_start(list, mode);
  int permissions = va_arg(list, int);
  va_end(list);
  if (strcmp(name, "/dev/gpiochip9")) return REAL(open)(name, mode, permissions);
  return chip = eventfd(0, EFD_CLOEXEC);
}

EXPORT int close(int fd) {
  if (fd == chip) chip = -1;
  if (fd == request && fd >= 0) { request = -1; taken--; levels = 0; }
  return REAL(close)(fd);
}

static int take(struct gpio_v2_line_request *r) {
  if (request >= 0) return fail(EBUSY);
  if (!(r->config.flags & GPIO_V2_LINE_FLAG_OUTPUT) || !r->num_lines) return fail(EINVAL);
  for (uint32_t i = 0; i < r->num_lines; i++) if (r->offsets[i] >= LINES) return fail(EINVAL);
  memcpy(offsets, r->offsets, sizeof(uint32_t) * r->num_lines);
  count = r->num_lines;
  memcpy(consumer, r->consumer, sizeof consumer);
  flags = r->config.flags;
  levels = 0;
  for (uint32_t i = 0; i < count && flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW; i++)
    levels |= 1ull << offsets[i];
  taken++;
  r->fd = request = eventfd(0, EFD_CLOEXEC);
  return 0;
}

static int set(struct gpio_v2_line_values *v) {
  for (uint32_t i = 0; i < count; i++) {
    if (!(v->mask >> i & 1)) continue;
    int high = (v->bits >> i & 1) != !!(flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
    levels = high ? levels | 1ull << offsets[i] : levels & ~(1ull << offsets[i]);
  }
  history[steps++ % 1024] = levels;
  return 0;
}

static int describe(struct gpiochip_info *c) {
  memset(c, 0, sizeof *c);
  strcpy(c->name, "gpiochip9");
  strcpy(c->label, "standin");
  c->lines = LINES;
  return 0;
}

/* Line 15 is the kernel's, those that were taken are their taker's. */
static int tell(struct gpio_v2_line_info *l) {
  uint32_t line = l->offset;
  if (line >= LINES) return fail(EINVAL);
  memset(l, 0, sizeof *l);
  l->offset = line;
  if (line == LINES - 1) { l->flags = GPIO_V2_LINE_FLAG_USED; strcpy(l->consumer, "power"); }
  for (uint32_t i = 0; request >= 0 && i < count; i++) if (offsets[i] == line) {
    l->flags = GPIO_V2_LINE_FLAG_USED | GPIO_V2_LINE_FLAG_OUTPUT;
    memcpy(l->consumer, consumer, sizeof consumer);
  }
  return 0;
}

EXPORT int ioctl(int fd, unsigned long code, ...) {
  va_list list;
  va_start(list, code);
  void *arg = va_arg(list, void *);
  va_end(list);
  if (fd < 0 || (fd != chip && fd != request)) return REAL(ioctl)(fd, code, arg);
  if (failing) return fail(failing);
  if (fd == chip && code == GPIO_V2_GET_LINE_IOCTL) return take(arg);
  if (fd == chip && code == GPIO_GET_CHIPINFO_IOCTL) return describe(arg);
  if (fd == chip && code == GPIO_V2_GET_LINEINFO_IOCTL) return tell(arg);
  if (fd == request && code == GPIO_V2_LINE_SET_VALUES_IOCTL) return set(arg);
  return fail(ENOTTY);
}
