#!/usr/bin/env node
// The published SignalR client (@microsoft/signalr) connects to the hub of `landfall-sim backend`,
// hears both of its messages, and comes again when the connection breaks and when the hub lets it
// go.
//
// Usage: hub_with_signalr.js <landfall-sim>, with @microsoft/signalr where require finds it
//        (`make deps` installs it from npm into build/signalr). Exit code 77 when there is none.
"use strict";

const assert = require("assert");
const { spawn } = require("child_process");
const readline = require("readline");

const SKIPPED = 77;
const PATIENCE_MS = 20_000;
const DEVICE = "signalr";
const ROLE = "approver";
const RIGHT = "Approve";

function loadSignalR() {
  try {
    return require("@microsoft/signalr");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    console.log("skipped: @microsoft/signalr is not installed (make deps takes it from npm)");
    process.exit(SKIPPED);
  }
}

const signalR = loadSignalR();

// Runs `use` with a backend's first line; ends the backend with a signal and expects a clean exit.
async function withBackend(use) {
  const command = ["backend", "--profile", "prokure", "--port", "0"];
  const backend = spawn(process.argv[2], command, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve, reject) => {
    backend.on("error", reject);
    backend.on("exit", (code, signal) => resolve(signal || code));
  });
  try {
    const lines = readline.createInterface({ input: backend.stdout });
    const first = lines[Symbol.asyncIterator]().next();
    const { value, done } = await Promise.race([first, ended.then(() => ({ done: true }))]);
    assert(!done, `the backend ended with ${done && (await ended)} before its first line`);
    await use(JSON.parse(value));
  } finally {
    backend.kill("SIGTERM");
  }
  assert.strictEqual(await ended, 0, "exit code after a signal");
}

async function call(origin, path, body, token) {
  const headers = { "Content-Type": "application/json", "X-Device-Id": DEVICE };
  if (token) headers.Authorization = `Bearer ${token}`;
  const request = { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(origin + path, request);
  assert.strictEqual(answer.status, 200, `${path}: ${answer.status}`);
  return answer.json();
}

// What an event of the client brings, or a failure that says which one was waited for.
function next(what, subscribe) {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`waited ${PATIENCE_MS} ms for ${what}`));
    const timer = setTimeout(late, PATIENCE_MS);
    subscribe((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

function connectionTo(backend, token) {
  return new signalR.HubConnectionBuilder()
    .withUrl(backend.listening + backend.hub, {
      accessTokenFactory: () => token,
      transport: signalR.HttpTransportType.WebSockets,
      headers: { "X-Device-Id": DEVICE },
    })
    .withAutomaticReconnect([0, 200, 1_000])
    .configureLogging(signalR.LogLevel.Error)
    .build();
}

async function hearsBothMessages(connection, backend, user, token) {
  const rights = next("PermissionsUpdated", (then) => connection.on("PermissionsUpdated", then));
  await call(backend.listening, "/_sim/hub", { do: "revoke", role: ROLE, right: RIGHT });
  const update = await rights;
  assert.strictEqual(update.UserId, user.id);
  assert(!update.Permissions.includes(RIGHT), "the right is taken away");
  assert(!Number.isNaN(Date.parse(update.Timestamp)), "the message says when");

  const pulled = await call(backend.listening, "/api/mobile/sync/pull",
    { device_id: DEVICE, scope: "tier1", cursor: null, limit: 500 }, token);
  const approval = pulled.changes.find((change) => change.entity_type === "approval");
  const changed = next("DataChanged", (then) => connection.on("DataChanged", then));
  await call(backend.listening, "/api/mobile/sync/push", {
    device_id: DEVICE,
    operations: [{
      id: "01980000-0000-7000-8000-000000000003", entity_type: "approval",
      entity_id: approval.entity_id, action: "approve", schema: 1,
      base_version: approval.row_version, created_at: new Date().toISOString(), payload: {},
    }],
  }, token);
  const told = await changed;
  assert.deepStrictEqual(told, {
    entity_type: "approval", entity_id: approval.entity_id,
    row_version: approval.row_version + 1,
  });
}

async function comesAgain(connection, backend, command) {
  const back = next(`a reconnect after ${command.do}`, (then) => connection.onreconnected(then));
  await call(backend.listening, "/_sim/hub", command);
  await back;
  assert.strictEqual(connection.state, signalR.HubConnectionState.Connected);
}

async function isRefusedWithoutToken(backend) {
  await assert.rejects(connectionTo(backend, "no-token").start(), /401|Unauthorized/);
}

async function run(backend) {
  const account = backend.users[0];
  const login = await call(backend.listening, "/api/auth/login",
    { email: account.user, password: account.password, device_id: DEVICE, platform: "ANDROID" });
  const token = login.access_token || login.accessToken;
  await isRefusedWithoutToken(backend);
  const connection = connectionTo(backend, token);
  await connection.start();
  await hearsBothMessages(connection, backend, login.user, token);
  await comesAgain(connection, backend, { do: "cut" });
  await comesAgain(connection, backend,
    { do: "close", user: login.user.id, allow_reconnect: true });
  const closed = next("the end", (then) => connection.onclose(then));
  await connection.stop();
  await closed;
}

withBackend(run).then(
  () => console.log("the SignalR client hears both messages and comes again"),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  });
