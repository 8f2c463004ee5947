/** Single requests, and pages of lists. */
import { aws, type Bench, raw, them, us } from "../bench.js"
import { ofAws, ofDocuments, ofOfficial, ofOurs, ofRaw, ofTransport } from "../peers.js"

const requests = { count: 9600, warmUp: 9600, quick: 1600 } as const

export const put: Bench = {
  title: "PUT of 4 KiB, 32 at once",
  unit: "µs",
  cases: {
    PUT: {
      ...requests,
      variants: {
        [raw]: ofRaw((peer) => peer.put),
        [us]: ofOurs((peer) => peer.put),
        [them]: ofOfficial((peer) => peer.put),
        [aws]: ofAws((peer) => peer.put)
      }
    }
  }
}

export const head: Bench = {
  title: "HEAD, 32 at once",
  unit: "µs",
  cases: {
    HEAD: {
      ...requests,
      variants: {
        [raw]: ofRaw((peer) => peer.head),
        [us]: ofOurs((peer) => peer.head),
        [them]: ofOfficial((peer) => peer.head),
        [aws]: ofAws((peer) => peer.head)
      }
    }
  }
}

const pages = { count: 120, warmUp: 30, quick: 12 } as const

/** Parsing alone, which decoding comes upon. */
export const parsedOnly = "parsed only"

export const page: Bench = {
  title: "A page of 1,000 keys, from text to values",
  unit: "ms",
  cases: {
    page: {
      ...pages,
      variants: {
        "fast-xml-parser": ofDocuments((peer) => peer.peer),
        [parsedOnly]: ofDocuments((peer) => peer.oursUndecoded),
        [us]: ofDocuments((peer) => peer.ours),
        [them]: ofDocuments((peer) => peer.official)
      }
    }
  }
}

export const list: Bench = {
  title: "A page of 1,000 keys, with its request",
  unit: "ms",
  cases: {
    page: {
      count: 120,
      warmUp: 30,
      variants: {
        "undici and fast-xml-parser": ofDocuments((peer) => peer.rawList),
        [us]: ofOurs((peer) => peer.list),
        [them]: ofOfficial((peer) => peer.list),
        [aws]: ofAws((peer) => peer.list)
      }
    }
  }
}

export const transport = (method: "PUT" | "HEAD"): Bench => ({
  title: `HTTP clients: ${method === "PUT" ? "PUT of 4 KiB" : "HEAD"}, 32 at once`,
  unit: "µs",
  cases: {
    [method]: {
      count: 9600,
      warmUp: 4800,
      rounds: 1,
      variants: {
        [raw]: ofTransport((peer) => peer.raw(method)),
        UndiciTransport: ofTransport((peer) => peer.undiciTransport(method)),
        "layerUndici, untraced": ofTransport((peer) => peer.layerUndiciUntraced(method)),
        layerUndici: ofTransport((peer) => peer.layerUndici(method))
      }
    }
  }
})
