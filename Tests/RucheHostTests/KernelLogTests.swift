import Testing

@testable import RucheHost

struct KernelLogTests {
    private let record = """
        3,2114,24716833826,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=5f0c,mems_allowed=0,\
        oom_memcg=/docker,task_memcg=/docker/5f0c,task=busybox,pid=26484,uid=1000
        """

    @Test func knowsWhoseMemoryWasShort() {
        #expect(KernelLog.isOutOfMemory(record, in: "5f0c"))
        let scope = record.replacing("/docker/5f0c", with: "/a.slice/docker-5f0c.scope")
        #expect(KernelLog.isOutOfMemory(scope, in: "5f0c"))
    }

    @Test func knowsWhenThatWas() {
        #expect(KernelLog.seconds(record) == 24716.833826)
        #expect(KernelLog.seconds("3,2114;24716833826,-") == nil)
    }

    @Test func isNotMisledByAnotherPart() {
        #expect(!KernelLog.isOutOfMemory(record, in: "busybox"))
        #expect(!KernelLog.isOutOfMemory(record.replacing("task_memcg=/docker/5f0c", with: "task_memcg=/"), in: "5f0c"))
        #expect(!KernelLog.isOutOfMemory(record.replacing(";oom-kill:", with: ";a line: oom-kill:"), in: "5f0c"))
        #expect(!KernelLog.isOutOfMemory(String(record.prefix(60)), in: "5f0c"))
        #expect(!KernelLog.isOutOfMemory("", in: "5f0c"))
    }
}
