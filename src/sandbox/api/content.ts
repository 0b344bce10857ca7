import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { json } from "../http/call";
import { readMultipart } from "../http/multipart";
import { badRequest, notFound, Refusal } from "../refusal";
import type { Task } from "../state/schema";
import { workspaceOf, type Call, type Handler } from "./context";

/** A file larger than this is refused with 413. */
export const uploadLimitBytes = 10 * 1024 * 1024;

const acceptedTypes =
  /^(image\/(png|jpeg|gif|webp)|video\/(mp4|webm)|text\/(plain|markdown|csv|html|x-diff|x-patch)|application\/(pdf|json|zip))$/;

export const uploadWorkspaceFile: Handler = (call) => {
  const { workspaceId } = workspaceOf(call);
  const file = readMultipart(call.request.headers["content-type"] ?? "", call.request.body).find(
    (one) => one.name === "file",
  );
  if (!file) throw badRequest("The form has no part named file.");
  if (file.fileName === undefined || file.fileName.trim() === "") throw badRequest("The file has no name.");
  if (file.content.length > uploadLimitBytes) {
    throw new Refusal(413, `A file may have at most ${uploadLimitBytes} bytes.`);
  }
  if (!acceptedTypes.test(file.contentType)) {
    throw new Refusal(415, `Files of type ${file.contentType} are not accepted.`);
  }
  const fileId = call.platform.nextId("file");
  call.uploads.save(fileId, file.content);
  call.platform.state.files.push({
    fileId,
    workspaceId,
    userId: call.user.userId,
    name: file.fileName,
    contentType: file.contentType,
    size: file.content.length,
    sha256: createHash("sha256").update(file.content).digest("hex"),
  });
  call.platform.changed();
  return json(201, { file: { fileId, name: file.fileName, url: call.uploads.addressOf(fileId) } });
};

function taskOf(call: Call, taskId: string): Task {
  const { workspaceId } = workspaceOf(call);
  const task = call.platform.state.tasks.find(
    (one) => one.taskId === taskId && one.workspaceId === workspaceId,
  );
  if (!task) throw notFound("task");
  return task;
}

const commentBody = z.object({ content: z.string(), fileIds: z.optional(z.array(z.string())) });

export const saveTaskComment: Handler = (call) => {
  const { platform, user } = call;
  const { taskId, workspaceId } = taskOf(call, call.params["taskId"] ?? "");
  const { content, fileIds = [] } = z.parse(commentBody, call.body);
  const unknown = fileIds.find(
    (id) => !platform.state.files.some((one) => one.fileId === id && one.workspaceId === workspaceId),
  );
  if (unknown !== undefined) throw badRequest(`The file ${unknown} is not in this workspace.`);
  const comment = {
    commentId: platform.nextId("comment"),
    workspaceId,
    taskId,
    userId: user.userId,
    content,
    fileIds,
  };
  platform.state.comments.push(comment);
  platform.changed();
  return json(201, { comment: { commentId: comment.commentId, userId: user.userId, content } });
};

const documentBody = z.object({
  taskId: z.string(),
  title: z.string(),
  content: z.string(),
  workflowRunId: z.optional(z.string()),
  workflowStepId: z.optional(z.string()),
});

export const createDocument: Handler = (call) => {
  const { platform, user } = call;
  const body = z.parse(documentBody, call.body);
  const { workspaceId } = taskOf(call, body.taskId);
  const documentId = platform.nextId("document");
  platform.state.documents.push({ documentId, workspaceId, userId: user.userId, ...body });
  platform.changed();
  return json(201, { document: { documentId, title: body.title, content: body.content } });
};
