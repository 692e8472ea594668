/** The numbers by which drivers are spoken to are those of the kernel's own headers. */
import assert from "node:assert/strict";
import { numbersOf } from "../testing/compile.ts";
import * as layout from "./layout.ts";
import { requests } from "./layout.ts";

const structs: Record<string, object> = {
  v4l2_capability: layout.capability,
  v4l2_fmtdesc: layout.fmtdesc,
  v4l2_requestbuffers: layout.requestbuffers,
  v4l2_plane: { ...layout.plane, offset: undefined },
  v4l2_control: layout.control,
  v4l2_queryctrl: layout.queryctrl,
};
const lines: [string, string, number][] = [];
for (const [struct, fields] of Object.entries(structs)) {
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const what = field === "size"
      ? `sizeof(struct ${struct})`
      : `offsetof(struct ${struct}, ${field})`;
    lines.push([`${struct}.${field}`, what, value]);
  }
}
const { buffer, format, streamparm, frmsize, frmival, event, subscription, dv_timings } = layout;
const more: [string, number][] = [
  ["sizeof(struct v4l2_buffer)", buffer.size],
  ["offsetof(struct v4l2_buffer, bytesused)", buffer.bytesused],
  ["offsetof(struct v4l2_buffer, flags)", buffer.flags],
  ["offsetof(struct v4l2_buffer, timestamp.tv_sec)", buffer.timestamp_s],
  ["offsetof(struct v4l2_buffer, timestamp.tv_usec)", buffer.timestamp_us],
  ["offsetof(struct v4l2_buffer, sequence)", buffer.sequence],
  ["offsetof(struct v4l2_buffer, memory)", buffer.memory],
  ["offsetof(struct v4l2_buffer, m)", buffer.offset],
  ["offsetof(struct v4l2_buffer, length)", buffer.length],
  ["sizeof(struct v4l2_format)", format.size],
  ["offsetof(struct v4l2_format, fmt.pix.width)", format.width],
  ["offsetof(struct v4l2_format, fmt.pix.height)", format.height],
  ["offsetof(struct v4l2_format, fmt.pix.pixelformat)", format.pixelformat],
  ["offsetof(struct v4l2_format, fmt.pix.field)", format.pix.field],
  ["offsetof(struct v4l2_format, fmt.pix.bytesperline)", format.pix.bytesperline],
  ["offsetof(struct v4l2_format, fmt.pix.sizeimage)", format.pix.sizeimage],
  ["offsetof(struct v4l2_format, fmt.pix_mp.field)", format.pix_mp.field],
  ["offsetof(struct v4l2_format, fmt.pix_mp.plane_fmt)", format.pix_mp.planes],
  ["sizeof(struct v4l2_plane_pix_format)", format.pix_mp.plane_size],
  ["offsetof(struct v4l2_format, fmt.pix_mp.num_planes)", format.pix_mp.num_planes],
  ["sizeof(struct v4l2_streamparm)", streamparm.size],
  ["offsetof(struct v4l2_streamparm, parm.capture.capability)", streamparm.capability],
  [
    "offsetof(struct v4l2_streamparm, parm.capture.timeperframe.numerator)",
    streamparm.numerator,
  ],
  ["sizeof(struct v4l2_frmsizeenum)", frmsize.size],
  ["offsetof(struct v4l2_frmsizeenum, discrete)", frmsize.first],
  ["sizeof(struct v4l2_frmivalenum)", frmival.size],
  ["offsetof(struct v4l2_frmivalenum, discrete.numerator)", frmival.numerator],
  ["sizeof(struct v4l2_event)", event.size],
  ["sizeof(struct v4l2_event_subscription)", subscription.size],
  ["sizeof(struct v4l2_dv_timings)", dv_timings.size],
  ...Object.values(requests).map(({ name, code }): [string, number] => [name, Number(code)]),
  ...Object.entries(layout.constants).map(([name, value]): [string, number] => [
    `V4L2_${name}`,
    value,
  ]),
];
for (const [what, value] of more) lines.push([what, what, value]);

Deno.test("numbers of Video for Linux are those of its header", async () => {
  const header = await numbersOf("linux/videodev2.h", lines.map(([, what]) => what));
  assert.deepEqual(
    lines.map(([name, , value]) => [name, value]),
    lines.map(([name], i) => [name, header[i]]),
  );
});
