import { describe, expect, it } from "vitest";
import { readHubAddress } from "../../src/core/hub-address.ts";

const APP = "http://lab.school.example/glassroom/";

describe("the address of a mirror", () => {
  it.each([
    ["https://hub.school.example", "https://hub.school.example/"],
    [" https://hub.school.example/gpt ", "https://hub.school.example/gpt/"],
    ["http://localhost:8080/", "http://localhost:8080/"],
    ["./models/", "http://lab.school.example/glassroom/models/"],
    ["/models", "http://lab.school.example/models/"],
  ])("%j", (text, address) => expect(readHubAddress(text, APP)).toBe(address));

  it.each([
    ["http://hub.school.example/", /must begin with https/],
    ["ftp://a.example/", /must begin with https/],
    ["javascript:alert(1)", /must begin with https/],
    ["https://me:secret@a.example/", /name or a password/],
    ["https://a.example/?x=1", /without “\?”/],
    ["https://*.example/", /no plain host/],
    ["https://", /no web address/],
    ["notaurl", /no web address/],
    ["", /no web address/],
  ])("refuses %j", (text, message) => expect(() => readHubAddress(text, APP)).toThrow(message));
});
