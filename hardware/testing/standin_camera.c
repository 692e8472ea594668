/*
 * A camera in user space for tests: stands in for the C library that a driver opens, answers for
 * one path as a video device does, and passes everything else on. Tests set its mood by the
 * functions whose names begin with `standin_`.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define BUFFERS 8
#define PLANES 2
#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

static char path[256] = "/dev/standin";
static uint32_t fourcc = V4L2_PIX_FMT_YUYV, offered = V4L2_PIX_FMT_YUYV;
static int multiplanar, width = 64, height = 48, interval_us = 5000;
static uint8_t jpeg[65536];
static uint32_t jpeg_bytes;

/* The device's own state. */
static int camera = -1, opened, unplugged, busy, damaged, source_changed, streaming;
static uint32_t sequence, skip;
static int buffers, queue[BUFFERS], head, queued;
static uint8_t in_queue[BUFFERS];
static void *memory[BUFFERS][PLANES];
static int mapped;

/* As a webcam has them: exposure by hand or by aperture priority, in steps of 100 us. */
static struct { uint32_t id; int least, most, value, writes; } controls[] = {
  { V4L2_CID_GAIN, 0, 100, 0, 0 },
  { V4L2_CID_AUTOGAIN, 0, 1, 1, 0 },
  { V4L2_CID_POWER_LINE_FREQUENCY, 0, 2, 0, 0 },
  { V4L2_CID_EXPOSURE_AUTO, 0, 3, 3, 0 },
  { V4L2_CID_EXPOSURE_ABSOLUTE, 3, 2047, 250, 0 },
};
#define CONTROLS ((int)(sizeof controls / sizeof *controls))
/* Without this one: a camera need not have all. */
static uint32_t absent_control;

/* A request that is to fail, or all of them (0). */
static uint64_t failing = 1;
static int failing_errno;

static int fail(int code) { errno = code; return -1; }
static int planes(void) { return fourcc == V4L2_PIX_FMT_NV12M ? 2 : 1; }
static uint32_t type(void) {
  return multiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE;
}
static uint32_t stride(void) {
  if (fourcc == V4L2_PIX_FMT_YUYV || fourcc == V4L2_PIX_FMT_UYVY) return width * 2;
  return fourcc == V4L2_PIX_FMT_MJPEG ? 0 : width;
}
static uint32_t plane_bytes(int plane) {
  switch (fourcc) {
  case V4L2_PIX_FMT_MJPEG: return sizeof jpeg;
  case V4L2_PIX_FMT_GREY: return width * height;
  case V4L2_PIX_FMT_NV12: return width * height * 3 / 2;
  case V4L2_PIX_FMT_NV12M: return plane ? width * height / 2 : width * height;
  default: return width * height * 2;
  }
}

EXPORT void standin_set(uint32_t format, int planar, int w, int h, int interval) {
  fourcc = offered = format; multiplanar = planar; width = w; height = h; interval_us = interval;
  unplugged = busy = damaged = source_changed = 0; failing = 1; skip = absent_control = 0;
}
EXPORT void standin_jpeg(const uint8_t *bytes, uint32_t length) {
  jpeg_bytes = length > sizeof jpeg ? sizeof jpeg : length;
  memcpy(jpeg, bytes, jpeg_bytes);
}
EXPORT void standin_unplug(int yes) { unplugged = yes; }
EXPORT void standin_busy(int yes) { busy = yes; }
EXPORT void standin_damage(int frames) { damaged = frames; }
EXPORT void standin_skip(uint32_t frames) { skip = frames; }
EXPORT void standin_change_source(int w, int h) { width = w; height = h; source_changed = 1; }
/* The request with this number fails; every one with number 0; none with number 1. */
EXPORT void standin_fail(uint64_t request, int code) { failing = request; failing_errno = code; }
EXPORT void standin_without(uint32_t control) { absent_control = control; }
/* What a control was last set to; -1 when it has not been set since the device was opened. */
EXPORT int standin_control(uint32_t id) {
  for (int i = 0; i < CONTROLS; i++)
    if (controls[i].id == id && controls[i].writes) return controls[i].value;
  return -1;
}
EXPORT int standin_open(void) { return opened; }
EXPORT int standin_mapped(void) { return mapped; }

EXPORT int open(const char *name, int flags, ...) {
  va_list list;
  va_start(list, flags);
  int mode = va_arg(list, int);
  va_end(list);
  if (strcmp(name, path)) return REAL(open)(name, flags, mode);
  if (unplugged) return fail(ENOENT);
  camera = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (camera >= 0) opened++;
  streaming = buffers = head = queued = 0;
  for (int i = 0; i < CONTROLS; i++) controls[i].writes = 0;
  return camera;
}

EXPORT int close(int fd) {
  if (fd == camera && fd >= 0) { camera = -1; opened--; }
  return REAL(close)(fd);
}

EXPORT void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  if (fd != camera || fd < 0) return REAL(mmap)(at, length, protection, flags, fd, offset);
  int index = offset >> 20, plane = offset >> 16 & 1;
  void *place = REAL(mmap)(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place != MAP_FAILED) { memory[index][plane] = place; mapped++; }
  return place;
}

EXPORT int munmap(void *at, size_t length) {
  for (int i = 0; i < BUFFERS; i++)
    for (int p = 0; p < PLANES; p++)
      if (memory[i][p] == at && at) { memory[i][p] = 0; mapped--; }
  return REAL(munmap)(at, length);
}

EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout) {
  int ready = REAL(poll)(fds, count, timeout);
  if (ready <= 0 || fds[0].fd != camera || camera < 0) return ready;
  if (unplugged) fds[0].revents = POLLERR | POLLHUP;
  else if (source_changed) fds[0].revents |= POLLPRI;
  return ready;
}

static int set_timer(int on) {
  struct timespec tick = { interval_us / 1000000, interval_us % 1000000 * 1000L };
  struct itimerspec time = { tick, tick };
  if (!on) memset(&time, 0, sizeof time);
  return timerfd_settime(camera, 0, &time, 0);
}

static int describe(struct v4l2_format *f) {
  if (multiplanar) {
    struct v4l2_pix_format_mplane *p = &f->fmt.pix_mp;
    p->width = width; p->height = height; p->pixelformat = fourcc; p->num_planes = planes();
    for (int i = 0; i < planes(); i++) {
      p->plane_fmt[i].bytesperline = stride();
      p->plane_fmt[i].sizeimage = plane_bytes(i);
    }
    return 0;
  }
  struct v4l2_pix_format *p = &f->fmt.pix;
  p->width = width; p->height = height; p->pixelformat = fourcc;
  p->bytesperline = stride(); p->sizeimage = plane_bytes(0);
  return 0;
}

static int fill(struct v4l2_buffer *b) {
  uint64_t ticks;
  if (!streaming) return fail(EINVAL);
  if (read(camera, &ticks, 8) != 8) return -1;
  if (!queued) { sequence += ticks; return fail(EAGAIN); }
  sequence += skip; skip = 0;
  int index = queue[head];
  head = (head + 1) % BUFFERS; queued--; in_queue[index] = 0;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  b->index = index;
  b->sequence = (sequence += ticks) - 1;
  b->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | (damaged > 0 ? V4L2_BUF_FLAG_ERROR : 0);
  if (damaged > 0) damaged--;
  b->timestamp.tv_sec = now.tv_sec;
  b->timestamp.tv_usec = now.tv_nsec / 1000;
  for (int p = 0; p < planes(); p++) {
    uint32_t used = fourcc == V4L2_PIX_FMT_MJPEG ? jpeg_bytes : plane_bytes(p);
    if (fourcc == V4L2_PIX_FMT_MJPEG) memcpy(memory[index][p], jpeg, used);
    else memset(memory[index][p], p ? 128 : 16 + b->sequence % 200, used);
    if (multiplanar) { b->m.planes[p].bytesused = used; b->m.planes[p].data_offset = 0; }
    else b->bytesused = used;
  }
  return 0;
}

static int control(uint32_t id) {
  for (int i = 0; i < CONTROLS; i++)
    if (controls[i].id == id && id != absent_control) return i;
  return -1;
}

static int answer(unsigned long request, void *arg) {
  struct v4l2_buffer *b = arg;
  switch (request) {
  case VIDIOC_QUERYCAP: {
    struct v4l2_capability *c = arg;
    memset(c, 0, sizeof *c);
    strcpy((char *)c->driver, "standin");
    strcpy((char *)c->card, "Stand-in camera");
    strcpy((char *)c->bus_info, "platform:standin");
    c->device_caps = V4L2_CAP_STREAMING |
      (multiplanar ? V4L2_CAP_VIDEO_CAPTURE_MPLANE : V4L2_CAP_VIDEO_CAPTURE);
    c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
  }
  case VIDIOC_ENUM_FMT: {
    struct v4l2_fmtdesc *f = arg;
    if (f->index || f->type != type()) return fail(EINVAL);
    f->pixelformat = offered;
    return 0;
  }
  case VIDIOC_ENUM_FRAMESIZES: {
    struct v4l2_frmsizeenum *s = arg;
    if (s->index || s->pixel_format != offered) return fail(EINVAL);
    s->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    s->discrete.width = width; s->discrete.height = height;
    return 0;
  }
  case VIDIOC_ENUM_FRAMEINTERVALS: {
    struct v4l2_frmivalenum *i = arg;
    if (i->index || i->pixel_format != offered) return fail(EINVAL);
    i->type = V4L2_FRMIVAL_TYPE_DISCRETE;
    i->discrete.numerator = interval_us; i->discrete.denominator = 1000000;
    return 0;
  }
  case VIDIOC_S_FMT:
    if (busy || buffers) return fail(EBUSY);
    /* fall through */
  case VIDIOC_G_FMT:
    return ((struct v4l2_format *)arg)->type == type() ? describe(arg) : fail(EINVAL);
  case VIDIOC_S_PARM: {
    struct v4l2_streamparm *p = arg;
    p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    p->parm.capture.timeperframe.numerator = interval_us;
    p->parm.capture.timeperframe.denominator = 1000000;
    return 0;
  }
  case VIDIOC_QUERYCTRL: {
    struct v4l2_queryctrl *q = arg;
    int i = control(q->id);
    if (i < 0) return fail(EINVAL);
    q->minimum = controls[i].least; q->maximum = controls[i].most; q->flags = 0;
    return 0;
  }
  case VIDIOC_S_CTRL: {
    struct v4l2_control *c = arg;
    int i = control(c->id);
    if (i < 0) return fail(EINVAL);
    if (c->value < controls[i].least || c->value > controls[i].most) return fail(ERANGE);
    controls[i].value = c->value; controls[i].writes++;
    return 0;
  }
  case VIDIOC_SUBSCRIBE_EVENT: return 0;
  case VIDIOC_DQEVENT:
    if (!source_changed) return fail(ENOENT);
    source_changed = 0;
    ((struct v4l2_event *)arg)->type = V4L2_EVENT_SOURCE_CHANGE;
    return 0;
  case VIDIOC_REQBUFS: {
    struct v4l2_requestbuffers *r = arg;
    if (busy) return fail(EBUSY);
    if (r->count > BUFFERS) r->count = BUFFERS;
    buffers = r->count; head = queued = 0;
    memset(in_queue, 0, sizeof in_queue);
    return 0;
  }
  case VIDIOC_QUERYBUF:
    if ((int)b->index >= buffers) return fail(EINVAL);
    for (int p = 0; multiplanar && p < planes(); p++) {
      b->m.planes[p].length = plane_bytes(p);
      b->m.planes[p].m.mem_offset = b->index << 20 | p << 16;
    }
    if (!multiplanar) { b->length = plane_bytes(0); b->m.offset = b->index << 20; }
    return 0;
  case VIDIOC_QBUF:
    if ((int)b->index >= buffers || in_queue[b->index]) return fail(EINVAL);
    in_queue[b->index] = 1;
    queue[(head + queued++) % BUFFERS] = b->index;
    return 0;
  case VIDIOC_STREAMON:
    if (!buffers) return fail(EINVAL);
    streaming = 1;
    sequence = 0;
    return set_timer(1);
  case VIDIOC_STREAMOFF: streaming = 0; return set_timer(0);
  case VIDIOC_DQBUF: return fill(b);
  }
  return fail(ENOTTY);
}

EXPORT int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *arg = va_arg(list, void *);
  va_end(list);
  if (fd != camera || fd < 0) return REAL(ioctl)(fd, request, arg);
  if (unplugged) return fail(ENODEV);
  if (failing == 0 || failing == request) return fail(failing_errno);
  return answer(request, arg);
}
